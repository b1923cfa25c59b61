<#
.SYNOPSIS
    Runs small tasks with two nodes of this session.
#>
[CmdletBinding()]
param(
    # The repository folder for the identity and the blocks of a node.
    [Parameter(Mandatory)]
    [string] $Repository,

    [string] $File = (Join-Path $PSScriptRoot '../../LICENSE')
)

$ErrorActionPreference = 'Stop'
Import-Module (Join-Path $PSScriptRoot '../../Bitswap.psd1')
$other = Start-BitswapNode
try {
    #region README
    $node = Start-BitswapNode -Path $Repository
    $node.PeerId    # the same each time
    #endregion

    $cid = (Get-BitswapCid 'not yet there').Cid
    #region README
    $want = Start-BitswapWant $cid -Node $node
    Get-BitswapWantlist -Node $node
    #endregion

    $null = Connect-BitswapPeer $other -Node $node
    $null = 'not yet there' | Add-BitswapBlock -Node $other
    #region README
    $want | Wait-BitswapWant -TimeoutSeconds 600
    $want | Stop-BitswapWant    # or cancel it: only the peers that were asked get CANCEL
    #endregion

    #region README
    Get-BitswapCid -LiteralPath $File
    Get-BitswapCid -Cid QmbFMke1KXqnYyBBWxB74N4c5SBnJMVAiMNRcGu6x1AwQH -Version 1
    #endregion
}
finally {
    Get-BitswapNode | Stop-BitswapNode
}
