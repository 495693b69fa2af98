# SPDX-License-Identifier: MIT
# Completion of mqlapse for fish.

function __mqlapse_causes
    mqlapse --list-causes 2>/dev/null | string replace -r '^(\S+)\s+\S+\s+' '$1\t'
end

function __mqlapse_parties
    mqlapse --list-causes 2>/dev/null | string replace -r '^\S+\s+(\S+)\s.*' '$1' | sort -u
end

function __mqlapse_brokers
    mqlapse --broker-is=help 2>&1 | string match -r -g 'takes one of (.*), not' | string split ', '
end

function __mqlapse_interfaces
    echo any
    command ls /sys/class/net 2>/dev/null
end

complete -c mqlapse -f
complete -c mqlapse -s i -l interface -x -a '(__mqlapse_interfaces)' -d 'Capture live'
complete -c mqlapse -s r -l read -r -F -d 'Read a capture'
complete -c mqlapse -s w -l write -r -F -d 'Save what is captured or selected'
complete -c mqlapse -l report -d 'A report instead of the screens'
complete -c mqlapse -n 'string match -q -- "--r*" (commandline -ct)' -a '--report={text,json,ndjson,csv,markdown,html}'
complete -c mqlapse -s o -l output -r -F -d 'Where the report goes'
complete -c mqlapse -l rotate -x -d 'With -w: when to go on in another file'
complete -c mqlapse -l keep -x -d 'With --rotate: so many files'
complete -c mqlapse -l follow -d 'Read on as the file grows'
complete -c mqlapse -s c -l client -x -d 'Only these clients'
complete -c mqlapse -l keylog -r -F -d 'Secrets for TLS'
complete -c mqlapse -s d -l decode -x -d 'Treat this TCP port as MQTT'
complete -c mqlapse -l vantage -x -a 'broker client tap' -d 'What the capture point can see'
complete -c mqlapse -l broker-is -x -a '(__mqlapse_brokers)' -d 'What the broker is'
complete -c mqlapse -l fail-on -x -a 'loss risk note (__mqlapse_parties) (__mqlapse_causes)' -d 'Exit 3 when such a finding stands'
complete -c mqlapse -l redact -d 'Hide user names, payloads and topics'
complete -c mqlapse -l memory -x -d 'Ceiling for what is remembered'
complete -c mqlapse -l ascii -d 'Draw the screens with ASCII alone'
complete -c mqlapse -s Z -l relinquish-privileges -x -a '(__fish_complete_users)' -d 'Become this user once the capture is open'
complete -c mqlapse -l explain -x -a '(__mqlapse_causes)' -d 'What a cause means'
complete -c mqlapse -l list-causes -d 'All the causes'
complete -c mqlapse -l version -d 'Version and what is built in'
complete -c mqlapse -s h -l help -d 'The options'
