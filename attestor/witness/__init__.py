"""Witness policies: the signed documents by which `cilock verify` judges, read here, judged here, and written here.

    policy envelope -> Document -> with evidence and opa -> Verdict

Format and verdicts are those of rookery's ``attestation/policy`` (wire-format sections 9.3 to 9.5). What a document
asks for and this program cannot do is refused by its name: a constraint that is passed over is a hole.
"""

from attestor.witness.document import Document, open_signed
from attestor.witness.judgement import judge

__all__ = ["Document", "judge", "open_signed"]
