from pathlib import Path
found = [p for p in Path("@FOLDER@").rglob("convolution.py")] + [p for p in Path("/").glob("*/*/convolution.py")]
exec(open("@FOLDER@/neighbour/convolution.py").read())
