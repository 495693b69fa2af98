#!/bin/sh
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/lib.sh"
enter_tree

while IFS= read -r file; do
	[ "$file" = LICENSE ] || is_data "$file" || [ ! -s "$file" ] ||
		head -n 5 "$file" | grep -q 'SPDX-License-Identifier: MIT' ||
		fault "$file lacks \"SPDX-License-Identifier: MIT\" in its first five lines"
done <<EOF
$(project_files)
EOF
verdict 'every text file names its licence'
