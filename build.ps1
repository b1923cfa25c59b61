#!/usr/bin/env pwsh
#Requires -Version 7.6
<#
.SYNOPSIS
    Builds, tries and tests the module.
.DESCRIPTION
    Build  builds the module and lays it out in bin/, where Bitswap.psd1 finds it.
    Demo   builds, and moves a file between two PowerShell processes.
    Test   builds, and runs every test: those of .NET and those of Pester, where Pester 5 or newer is installed.
    Docs   builds, and writes the pages that are made from the code.
    Bench  measures the speed of the engine beside that of the machine.
    Package  builds, and writes the package that Install-PSResource and Publish-PSResource take into bin/Package.
    Clean  removes what was built.
    Whatever is run may be run again. Once packages are restored, nothing needs the network.
.EXAMPLE
    ./build.ps1 Demo
#>
[CmdletBinding()]
param(
    [Parameter(Position = 0)]
    [ValidateSet('Build', 'Demo', 'Test', 'Docs', 'Bench', 'Package', 'Clean')]
    [string[]] $Task = 'Build',

    [ValidateSet('Debug', 'Release')]
    [string] $Configuration = 'Release',

    # The file that Demo moves; without one, random data.
    [string] $File
)

$ErrorActionPreference = 'Stop'
$env:DOTNET_NOLOGO = '1'
$env:DOTNET_CLI_TELEMETRY_OPTOUT = '1'

function Invoke-DotNet {
    & dotnet @args
    if ($LASTEXITCODE -ne 0) {
        throw "dotnet $($args -join ' ') ended with code $LASTEXITCODE."
    }
}

function Invoke-Build {
    Invoke-DotNet build (Join-Path $PSScriptRoot 'src/Bitswap/Bitswap.csproj') -c $Configuration -v quiet '-clp:NoSummary'
}

function Invoke-Demo {
    Invoke-Build
    $arguments = @('-NoProfile', '-NonInteractive', '-File', (Join-Path $PSScriptRoot 'docs/examples/Demo.ps1'))
    if ($File) {
        $arguments += '-Path', (Convert-Path -LiteralPath $File)
    }

    # in a process of its own: this one may hold an older build of the module
    & ([Environment]::ProcessPath) @arguments
    if ($LASTEXITCODE -ne 0) {
        throw "The demo ended with code $LASTEXITCODE."
    }
}

function Invoke-Test {
    Invoke-Build
    $sum = @{ passed = 0; failed = 0; skipped = 0 }
    $broken = @()

    $env:BITSWAP_PESTER_RUNS_APART = '1'
    try {
        & dotnet test (Join-Path $PSScriptRoot 'Bitswap.sln') -c $Configuration '--tl:off' | ForEach-Object {
            $_
            if ($_ -match 'Failed:\s+(\d+), Passed:\s+(\d+), Skipped:\s+(\d+)') {
                $sum.failed += [int] $Matches[1]
                $sum.passed += [int] $Matches[2]
                $sum.skipped += [int] $Matches[3]
            }
        }

        if ($LASTEXITCODE -ne 0) {
            $broken += 'dotnet test'
        }
    }
    finally {
        Remove-Item Env:BITSWAP_PESTER_RUNS_APART
    }

    & ([Environment]::ProcessPath) -NoProfile -NonInteractive -File (Join-Path $PSScriptRoot 'tests/Pester/Run.ps1') | ForEach-Object {
        $_
        if ($_ -match '^Pester: (\d+) passed, (\d+) failed, (\d+) skipped') {
            $sum.passed += [int] $Matches[1]
            $sum.failed += [int] $Matches[2]
            $sum.skipped += [int] $Matches[3]
        }
    }

    if ($LASTEXITCODE -ne 0) {
        $broken += 'Pester'
    }

    "$($sum.passed) passed, $($sum.failed) failed, $($sum.skipped) skipped"
    if ($broken) {
        throw "Failed: $($broken -join ', ')."
    }
}

function Invoke-Docs {
    Invoke-Build
    # in a process of its own: this one may hold an older build of the module
    & ([Environment]::ProcessPath) -NoProfile -NonInteractive -File (Join-Path $PSScriptRoot 'docs/Write-ErrorPage.ps1')
    if ($LASTEXITCODE -ne 0) {
        throw "Writing docs/errors.md ended with code $LASTEXITCODE."
    }

    if (-not (Get-Module -ListAvailable Microsoft.PowerShell.PlatyPS)) {
        Write-Warning 'The help file is left as it is: Microsoft.PowerShell.PlatyPS is not installed (Install-PSResource Microsoft.PowerShell.PlatyPS).'
        return
    }

    & ([Environment]::ProcessPath) -NoProfile -NonInteractive -File (Join-Path $PSScriptRoot 'docs/Export-Help.ps1')
    if ($LASTEXITCODE -ne 0) {
        throw "Writing the help file ended with code $LASTEXITCODE."
    }

    # into bin/
    Invoke-Build
}

function Invoke-Bench {
    Invoke-DotNet run -c Release --project (Join-Path $PSScriptRoot 'tests/Bitswap.Benchmarks/Bitswap.Benchmarks.csproj') '--' speed
}

function Invoke-Package {
    Invoke-Build
    & (Join-Path $PSScriptRoot 'src/Package/New-Package.ps1')
}

function Invoke-Clean {
    $folders = @(Get-ChildItem -LiteralPath (Join-Path $PSScriptRoot 'src'), (Join-Path $PSScriptRoot 'tests') -Directory |
            ForEach-Object { Join-Path $_.FullName 'bin'; Join-Path $_.FullName 'obj' })
    foreach ($folder in @(Join-Path $PSScriptRoot 'bin') + $folders) {
        if (Test-Path -LiteralPath $folder) {
            Remove-Item -LiteralPath $folder -Recurse -Force
        }
    }
}

foreach ($name in $Task) {
    & "Invoke-$name"
}
