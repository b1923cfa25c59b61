<#
.SYNOPSIS
    Serves a repository until SIGTERM or a stop file. A service runs this script.
.DESCRIPTION
    The script prints one line of JSON with the peer id, the addresses and the roots of the files of -Path: { "peer", "addresses", "roots" }. It exits with
    code 0 when it receives SIGTERM, which systemd and container hosts send, or when the stop file appears.
.EXAMPLE
    pwsh -NoProfile -File ./Serve.ps1 -Repository /var/lib/bitswap -ListenAddress /ip4/0.0.0.0/tcp/4001 -Path /srv/site
#>
[CmdletBinding()]
param(
    # The folder for the key, the blocks and the pins of the node.
    [Parameter(Mandatory)]
    [string] $Repository,

    [string[]] $ListenAddress = '/ip4/127.0.0.1/tcp/0',

    # Files and folders to add and pin at the start.
    [string[]] $Path = @(),

    # A file that stops the script when it appears.
    [string] $StopFile
)

$ErrorActionPreference = 'Stop'
Import-Module (Join-Path $PSScriptRoot '../../../Bitswap.psd1')

$node = Start-BitswapNode -Path $Repository -ListenAddress $ListenAddress
try {
    $roots = @(if ($Path) { Add-BitswapFile -LiteralPath $Path -Recurse -Node $node | ForEach-Object { (Add-BitswapPin $_.Cid -Node $node).Cid } })
    [ordered]@{ peer = $node.PeerId; addresses = $node.Addresses; roots = $roots } | ConvertTo-Json -Compress
    $stop = $StopFile ? @{ StopFile = $StopFile } : @{}
    Wait-BitswapNode $node @stop
}
finally {
    Stop-BitswapNode $node
}
