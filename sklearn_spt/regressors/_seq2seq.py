"""The regressor of the paper."""

from typing import Any, Self

import numpy as np

from ..networks import Seq2Seq
from ..utils.validation import check_number, check_option
from ._docs import fill_docs
from ._network import BaseNetworkRegressor


@fill_docs
class Seq2SeqRegressor(BaseNetworkRegressor):
    """LSTM encoder-decoder with multi-head cross-attention, from load-displacement to true stress-strain curves.

    The network of Yang et al. [1]_: 1-D convolutions of the curve and 2-D convolutions of its Gramian angular field
    stand beside the curve itself (equation 3); an LSTM encodes them, another, started from the encoder's state, decodes
    them; each output of the decoder attends to all states of the encoder; and a fully connected layer maps what it sees
    to the stress. The defaults are not the paper's but those that measured best, see the user guide; `paper` gives the
    paper's setting.

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
    LSTMRegressor : The same without image.
    GAFTransformer : Makes the image.
    CurveResampler : Puts curves on one grid.

    References
    ----------
    .. [1] Z. Yang, R. Yang, W. Han, Q. Liu, "Enhancing Stress-Strain Predictions with Seq2Seq and Cross-Attention based
       on Small Punch Test", arXiv:2506.17680.

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn_spt import CurveResampler, Seq2SeqRegressor
    >>> from sklearn_spt.datasets import make_spt_curves
    >>> X, Y = make_spt_curves(40, random_state=0)
    >>> model = make_pipeline(
    ...     CurveResampler(n_points=20), Seq2SeqRegressor(hidden_size=8, max_epochs=2, random_state=0)
    ... )
    >>> model.fit(X, Y).predict(X).shape == Y.shape
    True
    """

    _module_class = Seq2Seq
    _module_parameters = (
        "hidden_size",
        "n_layers",
        "n_heads",
        "dropout",
        "conv_channels",
        "image_channels",
        "decoder",
        "head",
    )

    def __init__(
        self,
        *,
        hidden_size: int = 64,
        n_layers: int = 1,
        n_heads: int = 4,
        decoder: str = "parallel",
        head: str = "context+state",
        conv_channels: int = 16,
        image_channels: int = 8,
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
        self.decoder = decoder
        self.head = head
        self.image_channels = image_channels

    @classmethod
    def paper(cls, **changes: Any) -> Self:
        """The setting of the paper, as far as it gives one.

        Five LSTM layers of 128 in encoder and decoder, dropout, a decoder fed its own last output, a head that reads
        the attention's output alone, Adam, and the squared error over the whole target sequence. The paper gives no
        number of heads, widths of the convolutions, dropout rate, learning rate, batch size, epochs or scaling: 4
        heads, 16 channels, dropout 0.1, a constant rate of 1e-3, batches of 32, 300 epochs and standardised values
        stand in for them here.

        Parameters
        ----------
        **changes : dict
            Parameters to set differently.

        Returns
        -------
        regressor : Seq2SeqRegressor
            Not fitted.
        """
        setting: dict[str, Any] = {
            "hidden_size": 128,
            "n_layers": 5,
            "n_heads": 4,
            "dropout": 0.1,
            "image_channels": 16,
            "decoder": "autoregressive",
            "head": "context",
            "input_scaling": "standard",
            "target_scaling": "standard",
            "trend_degree": 0,
            "whiten": False,
            "loss": "mse",
            "optimizer": "adam",
            "lr": 1e-3,
            "weight_decay": 0.0,
            "lr_schedule": "constant",
            "max_epochs": 300,
            "gradient_clip": None,
        }
        # LSTMRegressor has no image, and no parameter for one.
        known = cls().get_params()
        return cls(**{**{name: value for name, value in setting.items() if name in known}, **changes})

    def attention_weights(self, X: Any) -> np.ndarray:
        """Weights of the cross-attention: where on the load curve the network looks for each strain.

        Parameters
        ----------
        X : array-like of shape (n_curves, n_points) or (n_curves, n_points, n_channels)
            Curves on the grid, and with the channels, of the training.

        Returns
        -------
        weights : ndarray of shape (n_curves, n_heads, n_outputs, n_points)
            They sum to one over the points. The outputs are the strains; with `elastic_modulus` they are Young's
            modulus, if it is "curve", and the stresses of the flow curve, at the strains of `flow_strain`.
        """
        return self._run(X, lambda module, scaled, inputs: module.attention_weights(inputs).numpy())

    def _check_parameters(self) -> None:
        super()._check_parameters()
        check_number(self, "n_heads", int, low=1)
        check_option(self, "decoder", ("parallel", "autoregressive"))
        check_option(self, "head", ("context+state", "context"))
        check_number(self, "image_channels", int, low=1)
        if self.hidden_size % self.n_heads:
            raise ValueError(
                f"{type(self).__name__}: n_heads must divide hidden_size; got {self.n_heads} and {self.hidden_size}"
            )
