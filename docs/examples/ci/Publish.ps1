<#
.SYNOPSIS
    Writes the output of a CI job to a CAR, and returns its CID for the next job.
.EXAMPLE
    "cid=$(./Publish.ps1 ./out ./artifact.car)" >> $env:GITHUB_OUTPUT
#>
[CmdletBinding()]
[OutputType([string])]
param(
    [Parameter(Mandatory)]
    [string] $Output,

    [Parameter(Mandatory)]
    [string] $Car
)

$ErrorActionPreference = 'Stop'
Import-Module (Join-Path $PSScriptRoot '../../../Bitswap.psd1')

$node = Start-BitswapNode
try {
    $added = Add-BitswapFile -LiteralPath $Output -Recurse -Node $node
    $null = Export-BitswapCar $added.Cid $Car -Force -Node $node
    "$($added.Cid)"
}
finally {
    Stop-BitswapNode $node
}
