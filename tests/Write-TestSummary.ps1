#Requires -Version 7.6
<#
.SYNOPSIS
    Tells what a run of all tests came to: what was skipped, by reason, name and count, suites that lost tests, and the sum.
.DESCRIPTION
    Reads the results in bin/TestResults. Each suite holds at least the number of tests that tests/counts.json says, run or skipped; a commit
    that removes tests lowers that number. Exits with 1 where a suite has fewer, has no result, or has a failure.
#>
[CmdletBinding()]
param(
    # MSBuild shows each line that is to be seen, whatever its verbosity.
    [switch] $ForBuild,

    # Sets the numbers of tests/counts.json, and how long each file of Pester takes in tests/Pester/seconds.json, to those of this run.
    [switch] $Update
)

$ErrorActionPreference = 'Stop'
$root = (Get-Item -LiteralPath (Join-Path $PSScriptRoot '..')).FullName
$results = Join-Path $root 'bin/TestResults'
$countsFile = Join-Path $PSScriptRoot 'counts.json'

# One object a suite: Name, Passed, Failed, Skipped (objects with Name and Reason).
function Get-Suite {
    foreach ($file in Get-ChildItem -Path (Join-Path $results 'trx') -Filter *.trx -ErrorAction Ignore) {
        $run = ([xml] [IO.File]::ReadAllText($file.FullName)).TestRun
        # each file of Pester is one test of its own, and the tests in it are counted below
        $all = @($run.Results.UnitTestResult | Where-Object { $_ -and $_.testName -notlike 'Bitswap.Tests.Shell.PesterTests*' })
        $failed = @($all | Where-Object outcome -NotIn 'Passed', 'NotExecuted')
        [pscustomobject]@{
            Name    = $file.BaseName
            Passed  = @($all | Where-Object outcome -EQ 'Passed').Count
            Failed  = $failed.Count
            Skipped = @($all | Where-Object outcome -EQ 'NotExecuted' | ForEach-Object {
                    [pscustomobject]@{ Name = $_.testName -replace '\(.*$'; Reason = "$($_.Output.ErrorInfo.Message)".Trim() }
                })
        }
    }

    $names = Get-ChildItem -LiteralPath (Join-Path $PSScriptRoot 'Pester') -Filter *.Tests.ps1 | ForEach-Object { $_.Name -replace '\.Tests\.ps1$' }
    $pester = [pscustomobject]@{ Name = 'Pester'; Passed = 0; Failed = 0; Skipped = @() }
    foreach ($name in $names) {
        $file = Join-Path $results "pester/$name.json"
        if (-not (Test-Path -LiteralPath $file)) {
            # it ended early, or was killed for taking too long
            $pester.Failed++
            continue
        }

        $counts = Get-Content -Raw -LiteralPath $file | ConvertFrom-Json
        $pester.Passed += $counts.passed
        $pester.Failed += $counts.failed
        $pester.Skipped += @($counts.skipped | ForEach-Object { [pscustomobject]@{ Name = "$name.Tests.ps1: $($_.name)"; Reason = $_.reason } })
    }

    $pester
}

# A line that a reader has to see.
function Write-Notice([string] $Text, [string] $Kind = 'warning') {
    $ForBuild ? "Tests : $Kind BITSWAP: $Text" : $Text
}

$suites = @(Get-Suite)
foreach ($reason in $suites.Skipped | Group-Object Reason | Sort-Object Count -Descending) {
    Write-Notice "$($reason.Count) skipped: $($reason.Name)"
    $named = $reason.Group | Group-Object Name | ForEach-Object { $_.Count -gt 1 ? "$($_.Name) ($($_.Count))" : $_.Name }
    if ($ForBuild) {
        Write-Notice "    $($named -join ', ')"
    }
    else {
        $named | ForEach-Object { "    $_" }
    }
}

if ($Update) {
    $counts = [ordered]@{}
    $suites | Sort-Object Name | ForEach-Object { $counts[$_.Name] = $_.Passed + $_.Failed + $_.Skipped.Count }
    $counts | ConvertTo-Json | Set-Content -LiteralPath $countsFile
    $seconds = [ordered]@{}
    Get-ChildItem -LiteralPath (Join-Path $results 'pester') -Filter *.json | Where-Object Name -NE 'prepared.json' | Sort-Object Name |
        ForEach-Object { Get-Content -Raw -LiteralPath $_.FullName | ConvertFrom-Json } | ForEach-Object { $seconds[$_.name] = $_.seconds }
    $seconds | ConvertTo-Json | Set-Content -LiteralPath (Join-Path $PSScriptRoot 'Pester/seconds.json')
}

$broken = 0
$least = Get-Content -Raw -LiteralPath $countsFile | ConvertFrom-Json -AsHashtable
foreach ($name in $least.Keys) {
    $suite = $suites | Where-Object Name -EQ $name
    $count = $suite ? $suite.Passed + $suite.Failed + $suite.Skipped.Count : 0
    if ($count -lt $least[$name]) {
        $broken++
        Write-Notice "$name holds $count tests, and tests/counts.json says at least $($least[$name]). Lower that number where tests were removed on purpose." error
    }
}

$sum = $suites | Measure-Object -Property Passed, Failed -Sum
"{0} passed, {1} failed, {2} skipped" -f $sum[0].Sum, ($sum[1].Sum + $broken), @($suites.Skipped | Where-Object { $_ }).Count
exit ($sum[1].Sum + $broken -gt 0 ? 1 : 0)
