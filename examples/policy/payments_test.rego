package acme.payments_test

import data.acme.payments

_edge(source) := {"src": source, "src_namespace": "shop", "dst": "ledger", "dst_namespace": "payments"}

_messages := {reason.msg | some reason in payments.deny; is_object(reason)}

test_a_known_caller_is_fine if {
	count(payments.deny) == 0 with input as {"edge_report": [_edge("checkout")]}
	count(payments.warn) == 0 with input as {"edge_report": [_edge("checkout")]}
}

test_anybody_else_is_denied_by_name if {
	_messages == {"shop/web talks to payments/ledger, and is none of its callers"} with input as {"edge_report": [_edge("web")]}
}

test_a_missing_report_is_denied if {
	count(payments.deny) == 1 with input as {}
}

test_silence_is_told if {
	payments.warn == {"nobody talks to payments: was it idle?"} with input as {"edge_report": []}
}
