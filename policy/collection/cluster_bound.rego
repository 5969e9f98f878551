# METADATA
# title: The cluster is one of those that are known
# description: >-
#   Finds evidence of another cluster than those on the list. A name is what a run was told; the UID of the namespace
#   kube-system stays while the cluster lives: `kubectl get namespace kube-system -o jsonpath={.metadata.uid}` prints
#   it.
# custom:
#   code: MESH039
#   needs: coverage
#   parameters:
#     uids: {type: texts, default: [], text: "UIDs of kube-system of the clusters that evidence may be of"}
package collection.cluster_bound

import rego.v1

# METADATA
# description: >-
#   Off, as only the team knows its clusters. It denies as soon as it is given their UIDs.
level := "off"

# METADATA
# description: One message for each finding.
deny contains finding.msg if some finding in findings

# METADATA
# description: One finding where the cluster is none of them, or none is named.
# scope: document
findings contains {"msg": "there is no coverage evidence: run with coverage: true", "about": {}} if not _is_there

findings contains {"msg": msg, "about": {"check": "cluster"}} if {
	_is_there
	not _is_whole
	msg := "the part cluster is not complete, so that it is not known which cluster it is"
}

findings contains {"msg": msg, "about": {}} if {
	_is_there
	count(_uids) > 0
	not _is_known
	msg := sprintf("the evidence is of the cluster %v, and not of one of %v", [_uid, concat(", ", _uids)])
}

findings contains {"msg": "a cluster is required, and no UID is named", "about": {}} if {
	_is_there
	count(_uids) == 0
}

_is_there if is_object(input.coverage)

_is_whole if {
	input.coverage.cluster.complete == true
}

_is_known if {
	is_string(input.coverage.cluster.uid)
	input.coverage.cluster.uid != ""
	input.coverage.cluster.uid in _uids
}

default _uid := "(none)"

_uid := input.coverage.cluster.uid

_given := data.parameters["collection.cluster_bound"]

default _uids := []

_uids := [uid | some uid in _given.uids; is_string(uid)] if is_array(_given.uids)
