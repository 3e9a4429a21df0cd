#!/bin/sh
# Reports on what is installed, into reports/: known vulnerabilities (pip-audit) and licences.
# Usage: [AUDIT_SECONDS=300] supply_chain.sh PYTHON. Reports only: it never fails, and says in a line what could not be had.
set -u
python=$1
mkdir -p reports
rm -f reports/vulnerabilities.json reports/licences.md

if "$python" scripts/list_licences.py --out reports/licences.md; then
    echo "licences: reports/licences.md"
else
    echo "licences: no report"
fi

if ! "$python" -m pip_audit --version >/dev/null 2>&1; then
    echo "vulnerabilities: no report; pip-audit is not installed: pip install '.[audit]'"
    exit 0
fi
# Without a network it would try for minutes. An audit of all that validation brings takes one.
timeout "${AUDIT_SECONDS:-15}" "$python" -m pip_audit --skip-editable --progress-spinner off --timeout 5 \
    --format json --output reports/vulnerabilities.json >reports/pip-audit.log 2>&1
status=$?
if [ -s reports/vulnerabilities.json ]; then
    tail -n 1 reports/pip-audit.log
    echo "vulnerabilities: reports/vulnerabilities.json"
else
    echo "vulnerabilities: no report; pip-audit was not done in time or has no network (status $status, reports/pip-audit.log)"
fi
exit 0
