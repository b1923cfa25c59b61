<#
.SYNOPSIS
    Runs the Pester suite against the module in bin/ and ends with one line of counts.
#>
[CmdletBinding()]
param(
    # Only these files, by their names without .Tests.ps1; wildcards are allowed.
    [string[]] $Name = '*'
)

$ErrorActionPreference = 'Stop'
$pester = Get-Module -ListAvailable Pester | Where-Object Version -GE '5.0' | Sort-Object Version -Descending | Select-Object -First 1
if (-not $pester) {
    'Pester: 0 passed, 0 failed, 1 skipped (Pester 5 or newer is not installed)'
    exit 0
}

Import-Module $pester.Path
$configuration = New-PesterConfiguration
$files = Get-ChildItem -LiteralPath $PSScriptRoot -Filter '*.Tests.ps1'
$configuration.Run.Path = @($Name | ForEach-Object { $files | Where-Object Name -Like "$_.Tests.ps1" } | ForEach-Object FullName)
if (-not $configuration.Run.Path.Value) {
    throw "No test file has a name like $($Name -join ', ')."
}

$configuration.Run.PassThru = $true
$configuration.Output.Verbosity = 'Normal'
$configuration.Output.RenderMode = 'Plaintext'
$result = Invoke-Pester -Configuration $configuration
$failed = $result.FailedCount + $result.FailedBlocksCount + $result.FailedContainersCount

# for who adds up all tests
$folder = (New-Item -ItemType Directory -Force -Path (Join-Path $PSScriptRoot '../../bin/TestResults')).FullName
Set-Content -LiteralPath (Join-Path $folder 'pester.txt') -Value "$($result.PassedCount) $failed $($result.SkippedCount)"
"Pester: $($result.PassedCount) passed, $failed failed, $($result.SkippedCount) skipped"
exit [Math]::Min($failed, 1)
