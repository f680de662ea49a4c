# The whole catalogue, as it goes over the wire.
reasons
