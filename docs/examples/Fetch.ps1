<#
.SYNOPSIS
    Lists a file or folder of a peer by its CID, and saves it.
.EXAMPLE
    ./Fetch.ps1 /ip4/192.0.2.7/tcp/4001/p2p/12D3KooW... bafybei... ./downloads
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory)]
    [string] $Address,

    [Parameter(Mandatory)]
    [string] $Cid,

    [string] $Destination = '.'
)

$ErrorActionPreference = 'Stop'
Import-Module (Join-Path $PSScriptRoot '../../Bitswap.psd1')

$node = $null
try {
    #region README
    $node = Start-BitswapNode
    $null = Connect-BitswapPeer $Address -Node $node
    Get-BitswapFile $Cid -Recurse -Node $node | Format-Table
    Save-BitswapFile $Cid $Destination -Node $node
    #endregion
}
finally {
    if ($node) { Stop-BitswapNode $node }
}
