#!/usr/bin/env bash
# Make sure that programs from outside the registries are there: ensure.sh chromium firefox pandoc postgresql zsh fish
# As root they are installed with apt-get; for anyone else the line to run is printed, and this fails.
set -euo pipefail

have_chromium() {
  [[ -n ${FLOWRUN_CHROMIUM:-} ]] && return
  command -v chromium chromium-browser google-chrome >/dev/null
}

have_firefox() {
  [[ -n ${FLOWRUN_FIREFOX:-} ]] && return
  command -v firefox-esr firefox >/dev/null
}

have_pandoc() {
  command -v pandoc >/dev/null
}

have_postgresql() {
  command -v initdb >/dev/null || compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null
}

have_zsh() {
  command -v zsh >/dev/null
}

have_fish() {
  command -v fish >/dev/null
}

declare -A packages=(
  [chromium]="chromium fonts-dejavu-core"
  [firefox]="firefox-esr"
  [pandoc]="pandoc"
  [postgresql]="postgresql"
  [zsh]="zsh"
  [fish]="fish"
)

missing=()
for program in "$@"; do
  "have_$program" || missing+=("$program")
done
((${#missing[@]})) || exit 0

install=(apt-get install -y --no-install-recommends)
for program in "${missing[@]}"; do
  read -ra names <<<"${packages[$program]}"
  install+=("${names[@]}")
done

if ((EUID != 0)) || ! command -v apt-get >/dev/null; then
  printf 'Missing: %s. Install with\n    sudo apt-get update && sudo %s\n' \
    "${missing[*]}" "${install[*]}" >&2
  exit 1
fi

export DEBIAN_FRONTEND=noninteractive
apt-get update
"${install[@]}"
for program in "${missing[@]}"; do
  "have_$program" || { echo "apt-get brought no usable $program." >&2; exit 1; }
done
