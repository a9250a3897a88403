# SPDX-License-Identifier: GPL-2.0-or-later
# Completion of cnameguard(1) in bash.

_cnameguard_rules="cname-apex cname-mx cname-other cname-multiple dname-multiple dname-ns dname-children
	apex-no-ns mx-alias ns-alias srv-alias ptr-alias cname-loop cname-chain cname-dangling soa-alias
	naptr-alias svcb-alias cname-mail"

_cnameguard_policy="--origin --include-dir --policy --enforce --ignore --exempt --allow-key --chain-limit
	--strategy --fallback"

_cnameguard_check="--format --level --color --progress --no-progress --server --help"

_cnameguard_fix="--diff --in-place --serial --help"

_cnameguard_versions="--state --policy --format --help"

# Completes the last of several words with commas between them.
_cnameguard_list()
{
	local before=
	[[ $2 != *,* ]] || before=${2%,*},
	mapfile -t COMPREPLY < <(compgen -P "$before" -W "$1" -- "${2##*,}")
	compopt -o nospace
}

_cnameguard_words()
{
	mapfile -t COMPREPLY < <(compgen -W "$1" -- "$2")
}

_cnameguard_formats()
{
	case ${COMP_WORDS[1]} in
	versions) _cnameguard_words "text json" "$1" ;;
	*)        _cnameguard_words "text json github" "$1" ;;
	esac
}

# Value of an option; false: it takes none.
_cnameguard_value()
{
	case $1 in
	--enforce | --ignore)  _cnameguard_list "$_cnameguard_rules" "$2" ;;
	--format)              _cnameguard_formats "$2" ;;
	--level)               _cnameguard_words "info warning error" "$2" ;;
	--color)               _cnameguard_words "auto always never" "$2" ;;
	--strategy)            _cnameguard_words "flatten keep-other keep-cname" "$2" ;;
	--fallback)            _cnameguard_words "refuse keep-other keep-cname" "$2" ;;
	--serial)              _cnameguard_words "keep increment unixtime dateserial" "$2" ;;
	--include-dir | --state) mapfile -t COMPREPLY < <(compgen -d -- "$2") ;;
	--policy)              ;; # files, by default
	-o | --origin | --exempt | --chain-limit) compopt +o default ;;
	*)                     return 1 ;;
	esac
}

_cnameguard()
{
	local word=$2 before=$3
	COMPREPLY=()

	# --option=value comes in three words.
	if [[ $word == "=" ]]; then
		word=
	elif [[ $before == "=" ]]; then
		before=${COMP_WORDS[COMP_CWORD - 2]}
	fi

	if [[ $COMP_CWORD -eq 1 ]]; then
		_cnameguard_words "check fix explain versions --help --version" "$word"
		return
	fi
	if _cnameguard_value "$before" "$word"; then
		return
	fi
	case ${COMP_WORDS[1]},$word in
	check,-*)   _cnameguard_words "$_cnameguard_check $_cnameguard_policy" "$word" ;;
	fix,-*)     _cnameguard_words "$_cnameguard_fix $_cnameguard_policy" "$word" ;;
	versions,-*) _cnameguard_words "$_cnameguard_versions" "$word" ;;
	explain,-*) _cnameguard_words "--help" "$word" ;;
	explain,*)  _cnameguard_words "$_cnameguard_rules" "$word" ;;
	esac
}

complete -o default -F _cnameguard cnameguard
