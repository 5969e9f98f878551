package acme.lib

import data.acme.base

names := {base.name}
