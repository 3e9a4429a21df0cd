"""The tree of errors. Every message is one line: what, where, what to do.

CultiError                    anything the user can be told in one line
├── DocumentError             a PDF as a whole cannot be used; the other books go on
│   ├── DocumentMissing       no such file, or it cannot be opened
│   ├── NotAPdf               the file is something else, or empty
│   ├── PasswordNeeded        encrypted, and no or a wrong password was given
│   ├── DamagedDocument       broken beyond repair, or it has no page
├── PageError                 one page cannot be read or drawn; the other pages go on
│   ├── OverLimit             it asks for more than the build allows; with larger limits it may be read
├── OcrError                  the OCR engine or its models cannot be used
"""


class CultiError(Exception):
    """Anything the user can be told in one line."""


class DocumentError(CultiError):
    """A PDF as a whole cannot be used; the other books go on."""


class DocumentMissing(DocumentError):
    """No such file, or it cannot be opened."""


class NotAPdf(DocumentError):
    """The file is something else, or empty."""


class PasswordNeeded(DocumentError):
    """The file is encrypted, and no password or a wrong one was given."""


class DamagedDocument(DocumentError):
    """The file is broken beyond repair, or has no page."""


class PageError(CultiError):
    """One page cannot be read or drawn; the other pages go on."""


class OverLimit(PageError):
    """A page asks for more than the build allows; with larger limits it may be read."""


class OcrError(CultiError):
    """The OCR engine or its models cannot be used."""
