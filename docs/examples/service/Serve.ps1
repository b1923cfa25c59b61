<#
.SYNOPSIS
    Serves a repository, and what is added to it, until it is told to stop: what a service runs.
.DESCRIPTION
    One line of JSON tells where the node is and what it serves: { "peer", "addresses", "roots" }. It ends with code 0 on SIGTERM, which systemd and container
    hosts send, and when the stop file appears.
.EXAMPLE
    pwsh -NoProfile -File ./Serve.ps1 -Repository /var/lib/bitswap -ListenAddress /ip4/0.0.0.0/tcp/4001 -Path /srv/site
#>
[CmdletBinding()]
param(
    # The folder that keeps the node's key, blocks and pins.
    [Parameter(Mandatory)]
    [string] $Repository,

    [string[]] $ListenAddress = '/ip4/127.0.0.1/tcp/0',

    # Files and folders that are added, and pinned, at the start.
    [string[]] $Path = @(),

    # A file that stops it when it appears.
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
