<#
.SYNOPSIS
    Mirrors a CID: fetches all of its blocks from a peer, pins them in a repository folder, and returns a node that serves them.
.DESCRIPTION
    After an interruption, run the script again. It fetches only the blocks that are not in the folder. Clear-BitswapStore keeps pinned blocks.
.EXAMPLE
    $node = ./MirrorCid.ps1 /ip4/192.0.2.7/tcp/4001/p2p/12D3KooW... bafybei... -Repository ./mirror -ListenAddress /ip4/0.0.0.0/tcp/4001
#>
[CmdletBinding()]
[OutputType('Bitswap.BitswapNode')]
param(
    [Parameter(Mandatory)]
    [string] $Address,

    [Parameter(Mandatory)]
    [string] $Cid,

    [Parameter(Mandatory)]
    [string] $Repository,

    [string] $ListenAddress = '/ip4/127.0.0.1/tcp/0'
)

$ErrorActionPreference = 'Stop'
Import-Module (Join-Path $PSScriptRoot '../../Bitswap.psd1')

$node = Start-BitswapNode -Path $Repository -ListenAddress $ListenAddress
try {
    $null = Connect-BitswapPeer $Address -Node $node
    $null = Add-BitswapPin $Cid -Node $node
    $node
}
catch {
    Stop-BitswapNode $node
    throw
}
