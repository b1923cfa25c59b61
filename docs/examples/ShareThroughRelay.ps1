<#
.SYNOPSIS
    Shares a file or folder from behind a router, through a relay that both sides can dial, and returns a link.
.EXAMPLE
    ./ShareThroughRelay.ps1 ./photos -Relay /ip4/203.0.113.7/tcp/4001/p2p/12D3KooW...
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory)]
    [string] $Path,

    [Parameter(Mandatory)]
    [string[]] $Relay
)

$ErrorActionPreference = 'Stop'
Import-Module (Join-Path $PSScriptRoot '../../Bitswap.psd1')

#region README
$node = Start-BitswapNode -Option @{ RelayServers = $Relay }    # multiaddrs of a node that was started with -Relay
$until = [datetime]::UtcNow.AddSeconds(30)
while (-not ($node.Addresses -match '/p2p-circuit/') -and [datetime]::UtcNow -lt $until) { Start-Sleep -Milliseconds 100 }
$shared = Add-BitswapFile -LiteralPath $Path -Recurse -Node $node
Get-BitswapLink $shared.Cid -Node $node
#endregion
