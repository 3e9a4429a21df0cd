"""PDF → pages: figures-to-be (pictures), text lines, and pixels cut from a page."""
