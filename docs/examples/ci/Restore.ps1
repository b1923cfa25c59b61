<#
.SYNOPSIS
    Saves the output of another CI job from a CAR, after every block is checked against the CID.
.EXAMPLE
    ./Restore.ps1 ./artifact.car $env:CID ./out
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory)]
    [string] $Car,

    [Parameter(Mandatory)]
    [string] $Cid,

    [Parameter(Mandatory)]
    [string] $Destination
)

$ErrorActionPreference = 'Stop'
Import-Module (Join-Path $PSScriptRoot '../../../Bitswap.psd1')

$full = $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($Destination)
$null = New-Item -ItemType Directory -Force -Path (Split-Path $full)
$node = Start-BitswapNode
try {
    $null = Import-BitswapCar -LiteralPath $Car -Node $node
    Save-BitswapFile $Cid (Split-Path $full) -Name (Split-Path -Leaf $full) -Local -Node $node
}
finally {
    Stop-BitswapNode $node
}
