"""What an S3 server or botocore said → what the user can do, in our own words."""

from __future__ import annotations

from collections.abc import Iterator

_CREDENTIALS = "check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN, or AWS_PROFILE"
_ENDPOINT = "check the network, AWS_ENDPOINT_URL and AWS_DEFAULT_REGION"
CHANGED = "it was changed while it was read; run the same command again"
_BY_CODE = {
    "NoSuchBucket": "no such bucket {bucket}; create it first, or correct the URL",
    "InvalidBucketName": "{bucket} is no name of a bucket; correct the URL",
    "NoSuchKey": "no such object",
    "PreconditionFailed": CHANGED,
    "AccessDenied": "permission denied; these credentials may not do this in bucket {bucket}",
    "AllAccessDisabled": "permission denied; bucket {bucket} is closed",
    "PermanentRedirect": "bucket {bucket} lies in another region; set AWS_DEFAULT_REGION",
    "AuthorizationHeaderMalformed": "bucket {bucket} lies in another region; set AWS_DEFAULT_REGION",
    "QuotaExceeded": "no room left for this account",
    "XMinioStorageFull": "no room left on the server",
    "BadDigest": "a file arrived damaged",
    "XAmzContentSHA256Mismatch": "a file arrived damaged",
    "XAmzContentChecksumMismatch": "a file arrived damaged",
    "SlowDown": "the server is busy; try again later",
    "ServiceUnavailable": "the server is busy; try again later",
}
_REFUSED = frozenset(
    ("InvalidAccessKeyId", "SignatureDoesNotMatch", "InvalidToken", "ExpiredToken", "InvalidClientTokenId")
)
_BY_STATUS = {
    403: "AccessDenied",
    404: "NoSuchKey",
    412: "PreconditionFailed",
    301: "PermanentRedirect",
    503: "ServiceUnavailable",
    507: "XMinioStorageFull",
}
_BY_TYPE = {
    "NoCredentialsError": f"no credentials; {_CREDENTIALS}",
    "PartialCredentialsError": f"credentials are not complete; {_CREDENTIALS}",
    "CredentialRetrievalError": f"credentials cannot be had; {_CREDENTIALS}",
    "ProfileNotFound": "no such profile; check AWS_PROFILE",
    "NoRegionError": "no region; set AWS_DEFAULT_REGION",
    "ParamValidationError": "{bucket} is no name of a bucket; correct the URL",
    "ValueError": "AWS_ENDPOINT_URL is no address of a server; it is like https://s3.example.org",
    "FileExpired": CHANGED,
    "SSLError": f"the connection is not safe (TLS); {_ENDPOINT}",
}


def explain_s3(error: BaseException, bucket: str) -> str:
    """One line; nothing of what a library or a server wrote is repeated but the error's code."""
    chain = list(_causes(error))
    for found in chain:
        response = getattr(found, "response", None)
        if isinstance(response, dict):
            return _explain_response(response).format(bucket=bucket)
    for found in chain:
        if type(found).__name__ in _BY_TYPE:
            return _BY_TYPE[type(found).__name__].format(bucket=bucket)
    names = [type(found).__name__ for found in chain]
    if any("Connect" in name or "Timeout" in name or "Connection" in name for name in names):
        return f"the server cannot be reached, or it broke off; {_ENDPOINT}"
    detail = error.strerror if isinstance(error, OSError) and error.strerror else ""
    return f"failed ({names[-1]}{': ' + detail if detail else ''})"


def _explain_response(response: dict[str, dict[str, object]]) -> str:
    code = str(response.get("Error", {}).get("Code", ""))
    status = response.get("ResponseMetadata", {}).get("HTTPStatusCode")
    if code in _REFUSED:
        return f"the credentials are not accepted ({code}); {_CREDENTIALS}"
    if code not in _BY_CODE and isinstance(status, int) and status in _BY_STATUS:
        code = _BY_STATUS[status]
    return _BY_CODE.get(code, f"the server refused ({code}, HTTP {status})")


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error, and what it was raised from."""
    seen: list[BaseException] = []
    current: BaseException | None = error
    while current is not None and current not in seen:
        seen.append(current)
        yield current
        current = current.__cause__ or current.__context__
