#Requires -Version 7.6
<#
.SYNOPSIS
    Runs the Pester suite, or some of its files, against the package of a Release build.
.DESCRIPTION
    `dotnet test` runs the same files and adds a time limit to each.
.EXAMPLE
    ./Run.ps1 -Name Block, Pin*
#>
[CmdletBinding()]
param(
    # Only these files, by their names without .Tests.ps1; wildcards are allowed.
    [string[]] $Name = '*'
)

$ErrorActionPreference = 'Stop'
$names = Get-ChildItem -LiteralPath $PSScriptRoot -Filter '*.Tests.ps1' | ForEach-Object { $_.Name -replace '\.Tests\.ps1$' }
# pwsh -File hands a list over as one text
$chosen = @($Name -split ',' | ForEach-Object { $pattern = $_.Trim(); $names | Where-Object { $_ -like $pattern } })
if (-not $chosen) {
    throw "No test file has a name like $($Name -join ', ')."
}

$program, $arguments = (& (Join-Path $PSScriptRoot 'Prepare.ps1')).PowerShell
$sum = @{ passed = 0; failed = 0; skipped = 0 }
foreach ($file in $chosen) {
    # each in a process of its own: a module is never unloaded from one, and a file that harms its session harms no other
    & $program @arguments -NoProfile -NonInteractive -File (Join-Path $PSScriptRoot 'RunFile.ps1') -Name $file
    $counted = Join-Path $PSScriptRoot "../../bin/TestResults/pester/$file.json"
    if (-not (Test-Path -LiteralPath $counted)) {
        "$file ended with code $LASTEXITCODE before it was done."
        $sum.failed++
        continue
    }

    $result = Get-Content -Raw -LiteralPath $counted | ConvertFrom-Json
    $sum.passed += $result.passed
    $sum.failed += $result.failed
    $sum.skipped += $result.skipped.Count
}

"Pester: $($sum.passed) passed, $($sum.failed) failed, $($sum.skipped) skipped"
exit [Math]::Min($sum.failed, 1)
