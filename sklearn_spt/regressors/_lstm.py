"""The regressor of the paper without the image, a baseline of the paper."""

from typing import Any

from ._docs import fill_docs
from ._seq2seq import Seq2SeqRegressor


@fill_docs
class LSTMRegressor(Seq2SeqRegressor):
    """`Seq2SeqRegressor` without the image, the "1D LSTM" baseline of the paper.

    An image in the input is left out.

    Parameters
    ----------
    hidden_size : int, default=64
        Size of the states of encoder and decoder.
    n_layers : int, default=1
        LSTM layers of the encoder, and of the decoder.
    {heads}
    {decoder}
    head : {"context+state", "context"}, default="context+state"
        What the last layer reads: the output of the attention alone, as in the paper, or the decoder's output beside
        it.
    {features}
    {dropout}
    {curve_scaling}
    {training}

    Attributes
    ----------
    {attributes}
    {curve_attributes}

    See Also
    --------
    Seq2SeqRegressor : The same with the image, where the input has one.

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn_spt import CurveResampler, LSTMRegressor
    >>> from sklearn_spt.datasets import make_spt_curves
    >>> X, Y = make_spt_curves(40, random_state=0)
    >>> model = make_pipeline(CurveResampler(n_points=20), LSTMRegressor(hidden_size=8, max_epochs=2, random_state=0))
    >>> model.fit(X, Y).predict(X).shape == Y.shape
    True
    """

    _takes_image = False

    def __init__(
        self,
        *,
        hidden_size: int = 64,
        n_layers: int = 1,
        n_heads: int = 4,
        decoder: str = "parallel",
        head: str = "context+state",
        conv_channels: int = 16,
        dropout: float = 0.0,
        input_scaling: str = "auto",
        target_scaling: str = "auto",
        elastic_modulus: float | str | None = None,
        strain: Any = None,
        n_components: int = 5,
        trend_degree: int = 5,
        whiten: bool = True,
        loss: str = "smooth_l1",
        optimizer: str = "adamw",
        lr: float = 4e-3,
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
            n_heads=n_heads,
            decoder=decoder,
            head=head,
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
