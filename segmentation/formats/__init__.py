"""Files in and out: strict readers of NIfTI and NRRD, the canonical form that is kept, and digests.

No library's "no exception" counts as read or saved: lengths, checksums and geometry are checked here, and
what is written is decoded a second time by other code.
"""

from segmentation.formats.canonical import canonical_nifti, readback_verifier, second_decode
from segmentation.formats.digest import blob_sha256, check_digest, content_sha256
from segmentation.formats.images import DecodedVolume, read_image
from segmentation.formats.masks import DecodedMask, check_labels, count_labels, read_mask

__all__ = [
    "DecodedMask",
    "DecodedVolume",
    "blob_sha256",
    "canonical_nifti",
    "check_digest",
    "check_labels",
    "content_sha256",
    "count_labels",
    "read_image",
    "read_mask",
    "readback_verifier",
    "second_decode",
]
