"""Releases in the forms that other people's programs read; `conversion.convert_release` is the way in."""

FORMATS = ("chinese-clip", "webdataset", "imagefolder", "mteb", "recipe")
