"""What writer and reader agree on."""

FORMAT = "sklearn_spt onnx"
FORMAT_VERSION = 1
INSTALL = 'pip install "sklearn-spt[onnx]"'
