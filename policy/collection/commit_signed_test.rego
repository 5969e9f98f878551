package collection.commit_signed_test

import data.collection.commit_signed
import rego.v1

# Who reads deny alone hears what findings say.
_finds(evidence, messages) if {
	denied := commit_signed.deny with input as evidence
	denied == messages
	findings := commit_signed.findings with input as evidence
	{finding.msg | some finding in findings} == messages
}

_unsigned := "the commit has no signature, or the evidence holds no commit"

test_silent_where_it_is_signed if {
	every kind in ["PGP SIGNATURE", "SSH SIGNATURE", "SIGNED MESSAGE"] {
		_finds({"git": {"signature": sprintf("-----BEGIN %v-----\nabc", [kind])}}, set())
	}
}

test_finds_that_there_is_no_signature if {
	every signature in ["", "signed", "see -----BEGIN PGP SIGNATURE-----", null, 7, ["-----BEGIN PGP SIGNATURE-----"]] {
		_finds({"git": {"signature": signature}}, {_unsigned})
	}
	_finds({"git": {}}, {_unsigned})
}

test_finds_that_there_is_no_commit if {
	every evidence in [{}, {"git": null}, {"git": "x"}] {
		_finds(evidence, {_unsigned})
	}
}
