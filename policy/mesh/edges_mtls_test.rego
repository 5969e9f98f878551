package mesh.edges_mtls_test

import data.mesh.edges_mtls
import rego.v1

_edge := {
	"src": "web",
	"src_namespace": "emojivoto",
	"dst": "voting",
	"dst_namespace": "emojivoto",
	"client_id": "web.emojivoto",
	"server_id": "voting.emojivoto",
}

_healthy := {
	"edges_summary": {"total_edges": 2, "secured": 2, "insecure": 0},
	"edge_report": [_edge, object.union(_edge, {"no_tls_reason": ""})],
}

_with_edge(edge) := object.union(_healthy, {"edge_report": [_edge, edge]})

_with_summary(change) := object.union(_healthy, {"edges_summary": change})

# One by one: `a | b == c` compares b with c, and holds whatever a is.
_silent(evidence) if {
	denied := edges_mtls.deny with input as evidence
	denied == set()
	findings := edges_mtls.findings with input as evidence
	findings == set()
}

_denies(evidence, message) if {
	denied := edges_mtls.deny with input as evidence
	denied == {message}
	findings := edges_mtls.findings with input as evidence
	{finding.msg | some finding in findings} == {message}
}

test_silent_where_every_edge_is_secured if {
	_silent(_healthy)
}

test_denies_an_insecure_edge_with_the_count_and_its_name if {
	edge := object.union(object.remove(_edge, {"server_id"}), {"no_tls_reason": "not_provided_by_service_discovery"})
	evidence := object.union(_with_edge(edge), {"edges_summary": {"secured": 1, "insecure": 1}})
	denied := edges_mtls.deny with input as evidence
	denied == {
		"1 of 2 edges are not mTLS, 1 are",
		concat(" ", [
			"emojivoto/web -> emojivoto/voting is not mTLS: client identity web.emojivoto,",
			"server identity none, linkerd's reason not_provided_by_service_discovery",
		]),
	}
}

test_denies_an_insecure_edge_that_the_summary_does_not_count if {
	_denies(_with_edge(object.remove(_edge, {"server_id"})), concat(" ", [
		"emojivoto/web -> emojivoto/voting is not mTLS: client identity web.emojivoto,",
		"server identity none, linkerd's reason none",
	]))
}

test_names_no_more_than_a_hundred_edges if {
	edges := [{"src": sprintf("web-%d", [i])} | some i in numbers.range(1, 101)]
	denied := edges_mtls.deny with input as {"edge_report": edges}
	count(denied) == 100
}

test_denies_when_client_id_is_missing if {
	_denies(_with_edge(object.remove(_edge, {"client_id"})), concat(" ", [
		"emojivoto/web -> emojivoto/voting is not mTLS: client identity none,",
		"server identity voting.emojivoto, linkerd's reason none",
	]))
}

test_denies_when_client_id_is_empty if {
	_denies(_with_edge(object.union(_edge, {"client_id": ""})), concat(" ", [
		"emojivoto/web -> emojivoto/voting is not mTLS: client identity none,",
		"server identity voting.emojivoto, linkerd's reason none",
	]))
}

test_denies_when_client_id_is_null if {
	_denies(_with_edge(object.union(_edge, {"client_id": null})), concat(" ", [
		"emojivoto/web -> emojivoto/voting is not mTLS: client identity null,",
		"server identity voting.emojivoto, linkerd's reason none",
	]))
}

test_denies_when_server_id_is_empty if {
	_denies(_with_edge(object.union(_edge, {"server_id": ""})), concat(" ", [
		"emojivoto/web -> emojivoto/voting is not mTLS: client identity web.emojivoto,",
		"server identity none, linkerd's reason none",
	]))
}

test_denies_when_server_id_is_an_object if {
	_denies(_with_edge(object.union(_edge, {"server_id": {}})), concat(" ", [
		"emojivoto/web -> emojivoto/voting is not mTLS: client identity web.emojivoto,",
		"server identity {}, linkerd's reason none",
	]))
}

test_denies_when_there_is_a_reason_beside_both_identities if {
	_denies(_with_edge(object.union(_edge, {"no_tls_reason": "loopback"})), concat(" ", [
		"emojivoto/web -> emojivoto/voting is not mTLS: client identity web.emojivoto,",
		"server identity voting.emojivoto, linkerd's reason loopback",
	]))
}

test_denies_when_the_reason_is_null if {
	_denies(_with_edge(object.union(_edge, {"no_tls_reason": null})), concat(" ", [
		"emojivoto/web -> emojivoto/voting is not mTLS: client identity web.emojivoto,",
		"server identity voting.emojivoto, linkerd's reason null",
	]))
}

_nameless := "?/? -> ?/? is not mTLS: client identity none, server identity none, linkerd's reason none"

test_denies_an_edge_without_fields if {
	_denies(_with_edge({}), _nameless)
}

test_denies_an_edge_that_is_a_string if {
	_denies(_with_edge("emojivoto/web -> emojivoto/voting"), _nameless)
}

test_denies_an_edge_that_is_null if {
	_denies(_with_edge(null), _nameless)
}

test_denies_when_secured_is_missing if {
	_denies(json.remove(_healthy, {"edges_summary/secured"}), "0 of 2 edges are not mTLS, ? are")
}

test_denies_when_secured_is_a_string if {
	_denies(_with_summary({"secured": "2"}), "0 of 2 edges are not mTLS, 2 are")
}

test_denies_when_secured_is_a_fraction if {
	_denies(_with_summary({"secured": 1.5}), "0 of 2 edges are not mTLS, 1.5 are")
}

test_denies_when_insecure_is_missing if {
	_denies(json.remove(_healthy, {"edges_summary/insecure"}), "? of 2 edges are not mTLS, 2 are")
}

test_denies_when_insecure_is_a_string if {
	_denies(_with_summary({"insecure": "0"}), "0 of 2 edges are not mTLS, 2 are")
}

test_denies_when_insecure_is_negative if {
	_denies(_with_summary({"insecure": -1}), "-1 of 2 edges are not mTLS, 2 are")
}

test_denies_when_total_edges_is_missing if {
	_denies(json.remove(_healthy, {"edges_summary/total_edges"}), "0 of ? edges are not mTLS, 2 are")
}

test_denies_when_the_total_and_the_secured_are_both_strings if {
	_denies(_with_summary({"secured": "2", "total_edges": "2"}), "0 of 2 edges are not mTLS, 2 are")
}

test_denies_when_summary_is_empty if {
	denied := edges_mtls.deny with input as {"edges_summary": {}}
	denied == {"? of ? edges are not mTLS, ? are"}
}

test_denies_when_summary_is_no_object if {
	_denies(object.union(_healthy, {"edges_summary": "x"}), "? of ? edges are not mTLS, ? are")
}

# Without a report, edges_captured denies.
test_silent_when_everything_is_missing if {
	_silent({})
}

test_denies_an_insecure_edge_when_summary_is_missing if {
	_denies({"edge_report": [{}]}, _nameless)
}

# A report that is no list has no edge, which edges_present denies.
test_silent_when_the_report_is_missing if {
	_silent(object.remove(_healthy, {"edge_report"}))
}

test_silent_when_the_report_is_an_object if {
	_silent(object.union(_healthy, {"edge_report": {"a": {}, "b": _edge}}))
}

_named := object.filter(_edge, {"src", "src_namespace", "dst", "dst_namespace"})

test_finds_what_each_is_about_and_how_many_the_count_sums if {
	other := object.union(_edge, {"src": "bot", "client_id": ""})
	report := [_edge, object.remove(_edge, {"server_id"}), other, other]
	evidence := {"edge_report": report, "edges_summary": {"total_edges": 4, "secured": 1, "insecure": 3}}
	findings := edges_mtls.findings with input as evidence
	[finding.about | some finding in findings; finding.about.sums] == [{"sums": 2}]
	{finding.about | some finding in findings; not finding.about.sums} == {_named, object.union(_named, {"src": "bot"})}
}

test_a_name_that_is_no_text_is_not_one if {
	findings := edges_mtls.findings with input as {"edge_report": [{"src": 7, "dst": "api", "dst_namespace": null}]}
	{finding.about | some finding in findings} == {{"dst": "api"}}
}

test_finds_every_edge if {
	edges := [{"src": sprintf("web-%d", [i])} | some i in numbers.range(1, 101)]
	findings := edges_mtls.findings with input as {"edge_report": edges}
	count(findings) == 101
}
