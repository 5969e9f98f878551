# METADATA
# title: The mesh is a live one
# description: >-
#   Denies a replay of recorded reports, unless allow-replay was given for a demonstration or a test: it says nothing
#   about any mesh of today.
# custom:
#   code: MESH014
package collection.live_mesh

import rego.v1

# METADATA
# description: Of the floor, which no configuration lowers.
level := "floor"

# METADATA
# description: One message where the capture is a replay, or does not say that it is none.
# scope: document
deny contains msg if {
	_replay == true
	not _replay_allowed
	msg := sprintf("the reports were replayed by a linkerd that calls itself %v, and no mesh was looked at", [_version])
}

deny contains msg if {
	not _foreign
	not is_boolean(_replay)
	msg := "the capture does not say whether a mesh was looked at or reports were replayed"
}

# Evidence that cilock made has no capture and cannot say. A capture that is there and is null or false is none of
# cilock's.
_foreign if {
	is_array(input.command_run.cmd)
	not "capture" in object.keys(input.command_run)
}

# Defined in any case: `not is_boolean(x)` is undefined where x is, and the denial would vanish with it.
default _replay := "unknown"

_replay := input.command_run.capture.linkerd.replay

_replay_allowed if input.config.allow_replay == true

default _version := "something unknown"

_version := json.marshal(input.command_run.capture.linkerd.version)
