# The same without values, and with nothing but what the codes tell.
-c catalogue.conf reasons --json --detail brief
-c catalogue.conf reasons --json --detail minimal
