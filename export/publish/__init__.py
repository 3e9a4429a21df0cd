"""Publishing a release: to a folder, to S3, or to the Hugging Face Hub; one module a target."""
