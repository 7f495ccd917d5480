"""Transformer encoder-decoder, a baseline of the paper."""

from typing import Any

from ..networks import Transformer
from ..utils.validation import check_number
from ._docs import fill_docs
from ._network import BaseNetworkRegressor


@fill_docs
class TransformerRegressor(BaseNetworkRegressor):
    """Transformer encoder-decoder, a baseline of the paper.

    The features are those of `Seq2SeqRegressor`, embedded and given sinusoidal positions [1]_; the decoder reads one
    learned query per strain.

    Parameters
    ----------
    hidden_size : int, default=64
        Size of the embedding.
    n_layers : int, default=2
        Layers of the encoder, and of the decoder.
    {heads}
    feedforward_size : int, default=128
        Width of the inner networks of the layers.
    {features}
    {image}
    {dropout}
    {curve_scaling}
    {training}

    Attributes
    ----------
    {attributes}
    {curve_attributes}

    See Also
    --------
    Seq2SeqRegressor : LSTM encoder-decoder with cross-attention.

    References
    ----------
    .. [1] A. Vaswani et al., "Attention Is All You Need", arXiv:1706.03762, section 3.5.

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn_spt import CurveResampler, TransformerRegressor
    >>> from sklearn_spt.datasets import make_spt_curves
    >>> X, Y = make_spt_curves(40, random_state=0)
    >>> model = make_pipeline(
    ...     CurveResampler(n_points=20),
    ...     TransformerRegressor(hidden_size=8, feedforward_size=8, max_epochs=2, random_state=0),
    ... )
    >>> model.fit(X, Y).predict(X).shape == Y.shape
    True
    """

    _module_class = Transformer
    _module_parameters = (
        "hidden_size",
        "n_layers",
        "n_heads",
        "feedforward_size",
        "dropout",
        "conv_channels",
        "image_channels",
    )

    def __init__(
        self,
        *,
        hidden_size: int = 64,
        n_layers: int = 2,
        n_heads: int = 4,
        feedforward_size: int = 128,
        conv_channels: int = 16,
        image_channels: int = 8,
        dropout: float = 0.0,
        input_scaling: str = "auto",
        target_scaling: str = "auto",
        elastic_modulus: float | str | None = None,
        strain: Any = None,
        n_components: int = 5,
        trend_degree: int = 0,
        whiten: bool = False,
        loss: str = "smooth_l1",
        optimizer: str = "adamw",
        lr: float = 1e-3,
        weight_decay: float = 0.01,
        lr_schedule: str = "onecycle",
        max_epochs: int = 400,
        batch_size: int = 32,
        gradient_clip: float | None = 1.0,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        patience: int = 50,
        device: str = "cpu",
        random_state: Any = None,
        verbose: int = 0,
        callbacks: Any = None,
        net_params: Any = None,
    ) -> None:
        super().__init__(
            hidden_size=hidden_size,
            n_layers=n_layers,
            dropout=dropout,
            conv_channels=conv_channels,
            input_scaling=input_scaling,
            target_scaling=target_scaling,
            elastic_modulus=elastic_modulus,
            strain=strain,
            n_components=n_components,
            trend_degree=trend_degree,
            whiten=whiten,
            loss=loss,
            optimizer=optimizer,
            lr=lr,
            weight_decay=weight_decay,
            lr_schedule=lr_schedule,
            max_epochs=max_epochs,
            batch_size=batch_size,
            gradient_clip=gradient_clip,
            early_stopping=early_stopping,
            validation_fraction=validation_fraction,
            patience=patience,
            device=device,
            random_state=random_state,
            verbose=verbose,
            callbacks=callbacks,
            net_params=net_params,
        )
        self.n_heads = n_heads
        self.feedforward_size = feedforward_size
        self.image_channels = image_channels

    def _check_parameters(self) -> None:
        super()._check_parameters()
        check_number(self, "n_heads", int, low=1)
        check_number(self, "feedforward_size", int, low=1)
        check_number(self, "image_channels", int, low=1)
        if self.hidden_size % self.n_heads:
            raise ValueError(
                f"{type(self).__name__}: n_heads must divide hidden_size; got {self.n_heads} and {self.hidden_size}"
            )
