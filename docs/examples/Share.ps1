<#
.SYNOPSIS
    Shares a file or folder from this session, and returns its CID and the address of the node.
.EXAMPLE
    ./Share.ps1 ./report.pdf -ListenAddress /ip4/0.0.0.0/tcp/4001
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory)]
    [string] $Path,

    [string] $ListenAddress = '/ip4/127.0.0.1/tcp/0'
)

$ErrorActionPreference = 'Stop'
Import-Module (Join-Path $PSScriptRoot '../../Bitswap.psd1')

#region README
$node = Start-BitswapNode -ListenAddress $ListenAddress    # such as /ip4/0.0.0.0/tcp/4001
$shared = Add-BitswapFile -LiteralPath $Path -Recurse -Node $node
[pscustomobject]@{ Address = "$($node.Addresses[0])"; Cid = "$($shared.Cid)" }
#endregion
