#!/usr/bin/env pwsh
#Requires -Version 7.6
<#
.SYNOPSIS
    Runs the tests again and again while busy loops hold every core, and ends with a count of the runs that were green.
.DESCRIPTION
    A test that passes on a quiet machine and fails on a busy one waits for time where it should wait for what it tests. This finds such tests: it builds
    once, then runs the whole suite (Pester included) so many times, and ends with a line such as "9 of 10 runs were green". The exit code is 0 when all were.
    What each run printed is in bin/TestResults/UnderLoad. A run that takes longer than its limit is ended and counts as red.
.EXAMPLE
    ./tests/Test-UnderLoad.ps1
    The whole suite 10 times: what has to be green before a change of many tests is kept.
.EXAMPLE
    ./tests/Test-UnderLoad.ps1 -Runs 3 -Project Bitswap.Node.Tests, Bitswap.Protocol.Tests
.EXAMPLE
    ./tests/Test-UnderLoad.ps1 -Runs 50 -Project Bitswap.Libp2p.Tests -Filter KademliaEndTests
    One class of tests, often.
#>
[CmdletBinding()]
param(
    [ValidateRange(1, 1000)]
    [int] $Runs = 10,

    # How many busy loops run beside the tests.
    [ValidateRange(0, 1024)]
    [int] $BusyLoops = [Environment]::ProcessorCount,

    # Only these test projects, by their names; without any, the whole suite.
    [string[]] $Project,

    # Only tests whose full names contain this.
    [string] $Filter,

    [ValidateSet('Debug', 'Release')]
    [string] $Configuration = 'Release',

    # How long one run may take.
    [ValidateRange(1, 240)]
    [int] $MinutesPerRun = 60
)

$ErrorActionPreference = 'Stop'
$root = (Get-Item -LiteralPath (Join-Path $PSScriptRoot '..')).FullName
$targets = @($Project ? ($Project | ForEach-Object { Join-Path $PSScriptRoot $_ }) : (Join-Path $root 'Bitswap.sln'))
$logs = (New-Item -ItemType Directory -Force -Path (Join-Path $root 'bin/TestResults/UnderLoad')).FullName
Remove-Item -Path (Join-Path $logs '*.log')

foreach ($target in $targets) {
    & dotnet build $target -c $Configuration -v quiet -nologo '-clp:NoSummary'
    if ($LASTEXITCODE -ne 0) {
        throw "Building $target ended with code $LASTEXITCODE."
    }
}

# Runs the tests of one target into a log; gives why it was red, or nothing.
function Invoke-Test {
    param([string] $Target, [string] $Log)

    $arguments = @('test', $Target, '-c', $Configuration, '--no-build', '--tl:off', '--blame-hang', '--blame-hang-timeout', '10m', '--blame-hang-dump-type', 'none')
    if ($Filter) {
        $arguments += '--filter', "FullyQualifiedName~$Filter"
    }

    $start = [Diagnostics.ProcessStartInfo]::new('dotnet', [string[]] $arguments)
    $start.RedirectStandardOutput = $true
    $start.RedirectStandardError = $true
    $test = [Diagnostics.Process]::Start($start)
    try {
        $output = $test.StandardOutput.ReadToEndAsync()
        $errors = $test.StandardError.ReadToEndAsync()
        if (-not $test.WaitForExit([timespan]::FromMinutes($MinutesPerRun))) {
            $test.Kill($true)
            "it took longer than $MinutesPerRun min"
        }

        $text = $output.Result + $errors.Result
        Add-Content -LiteralPath $Log -Value $text
        $failed = [regex]::Matches($text, '(?m)^  Failed (.+?) \[[^\]]*\]\r?$').ForEach{ $_.Groups[1].Value }
        $failed
        if (-not $failed -and ($test.ExitCode -ne 0 -or $text -notmatch 'Passed!')) {
            "dotnet test ended with code $($test.ExitCode) and no failed test"
        }
    }
    finally {
        $test.Dispose()
    }
}

$green = 0
$loops = @(1..$BusyLoops | Where-Object { $BusyLoops } | ForEach-Object { Start-ThreadJob -ThrottleLimit $BusyLoops -ScriptBlock { while ($true) { } } })
try {
    foreach ($run in 1..$Runs) {
        $log = Join-Path $logs "run-$run.log"
        $timer = [Diagnostics.Stopwatch]::StartNew()
        $failed = @($targets | ForEach-Object { Invoke-Test $_ $log })
        $took = $timer.Elapsed.ToString('hh\:mm\:ss')
        if ($failed) {
            "run ${run}: RED in ${took}: $($failed -join '; ')"
        }
        else {
            $green++
            "run ${run}: green in $took"
        }
    }
}
finally {
    $loops | Stop-Job -PassThru | Remove-Job -Force
}

"$green of $Runs runs were green"
exit ($green -eq $Runs ? 0 : 1)
