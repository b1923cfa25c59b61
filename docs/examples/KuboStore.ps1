<#
.SYNOPSIS
    Serves the blocks of a Kubo repository from this session. Run it while Kubo is stopped.
.EXAMPLE
    ./KuboStore.ps1 ~/.ipfs/blocks -ListenAddress /ip4/0.0.0.0/tcp/4001
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory)]
    [string] $Blocks,

    [string] $ListenAddress = '/ip4/127.0.0.1/tcp/0'
)

$ErrorActionPreference = 'Stop'
Import-Module (Join-Path $PSScriptRoot '../../Bitswap.psd1')

#region README
$node = Start-BitswapNode -BlockStore $Blocks -ListenAddress $ListenAddress    # such as ~/.ipfs/blocks
Get-BitswapBlock -Local -Node $node | Measure-Object Size -Sum | Select-Object Count, Sum
#endregion

$node
