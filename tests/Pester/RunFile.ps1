#Requires -Version 7.6
<#
.SYNOPSIS
    Runs one file of tests in this process, against what Prepare.ps1 made.
.DESCRIPTION
    The counts, and how long it took, go to bin/TestResults/pester/<name>.json at the end. A run that ends early leaves no such file.
.EXAMPLE
    pwsh -NoProfile -File ./RunFile.ps1 -Name Block
#>
[CmdletBinding()]
param(
    # The file, by its name without .Tests.ps1.
    [Parameter(Mandatory)]
    [string] $Name
)

$ErrorActionPreference = 'Stop'
$results = Join-Path $PSScriptRoot '../../bin/TestResults/pester'
$prepared = Get-Content -Raw -LiteralPath (Join-Path $results 'prepared.json') | ConvertFrom-Json
$env:BITSWAP_TEST_MODULE = $prepared.Module
$env:BITSWAP_TEST_PACKAGE = $prepared.Package
Import-Module $prepared.Pester

$configuration = New-PesterConfiguration
$configuration.Run.Path = Join-Path $PSScriptRoot "$Name.Tests.ps1"
$configuration.Run.PassThru = $true
$configuration.Output.Verbosity = 'Normal'
$configuration.Output.RenderMode = 'Plaintext'
$result = Invoke-Pester -Configuration $configuration
$failed = $result.FailedCount + $result.FailedBlocksCount + $result.FailedContainersCount
[ordered]@{
    name    = $Name
    passed  = $result.PassedCount
    failed  = $failed
    seconds = [Math]::Round($result.Duration.TotalSeconds, 1)
    skipped = @($result.Skipped | ForEach-Object {
            $reason = "$($_.ErrorRecord | Select-Object -First 1)" -replace '^is skipped(, because )?'
            [ordered]@{ name = $_.ExpandedPath; reason = $reason ? $reason : 'its condition is not met here' }
        })
} | ConvertTo-Json -Depth 3 | Set-Content -LiteralPath (Join-Path $results "$Name.json")
exit [Math]::Min($failed, 1)
