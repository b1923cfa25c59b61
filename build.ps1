#!/usr/bin/env pwsh
#Requires -Version 7.6
<#
.SYNOPSIS
    Builds, tries and tests the module.
.DESCRIPTION
    Build  builds the module and lays it out in bin/, where Bitswap.psd1 finds it.
    Demo   builds, and moves a file between two PowerShell processes.
    Test   builds, and runs every test, those of Pester among them; ends with what was skipped and the counts.
    Docs   builds, and writes the pages that are made from the code.
    Bench  measures the speed of the engine beside that of the machine.
    Package  builds, and writes the package that Install-PSResource and Publish-PSResource take into bin/Package.
    Clean  removes what was built.
    Every task can be run again. Once packages are restored, none needs the network.
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
    [string] $File,

    # The tests that Test runs, as `dotnet test --filter` takes it; without one, all.
    [string] $Filter
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

# Once a run is enough: nothing but Docs changes what is built.
function Invoke-Build([switch] $Again) {
    if ($Again -or -not $script:built) {
        Invoke-DotNet build (Join-Path $PSScriptRoot 'src/Bitswap/Bitswap.csproj') -c $Configuration -v quiet '-clp:NoSummary'
        $script:built = $true
    }
}

# Runs a script of the repository in a process of its own: this one may hold an older build of the module.
function Invoke-Script {
    $pwsh = & (Join-Path $PSScriptRoot 'docs/examples/Get-PowerShellHost.ps1')
    $script, $arguments = $args
    & $pwsh.FilePath @($pwsh.ArgumentList) -NoProfile -NonInteractive -File (Join-Path $PSScriptRoot $script) @arguments
    if ($LASTEXITCODE -ne 0) {
        throw "$script ended with code $LASTEXITCODE."
    }
}

function Invoke-Demo {
    Invoke-Build
    $arguments = $File ? @('-Path', (Convert-Path -LiteralPath $File)) : @()
    Invoke-Script docs/examples/Demo.ps1 @arguments
}

function Invoke-Test {
    # built before, the suites run beside each other; built on the way, they run one after another
    Invoke-DotNet build (Join-Path $PSScriptRoot 'Bitswap.sln') -c $Configuration -v quiet '-clp:NoSummary'
    # the summary is written here, where it is seen also when a test fails
    $env:BITSWAP_TEST_SUMMARY = 'apart'
    try {
        # a test that hangs is named, and its suite is killed
        $blame = '--blame-hang', '--blame-hang-timeout', '10m', '--blame-hang-dump-type', 'none'
        $filter = $Filter ? @('--filter', $Filter) : @()
        & dotnet test (Join-Path $PSScriptRoot 'Bitswap.sln') -c $Configuration --no-build '--tl:off' @blame @filter
        $code = $LASTEXITCODE
    }
    finally {
        Remove-Item Env:BITSWAP_TEST_SUMMARY
    }

    if (-not $Filter) {
        Invoke-Script tests/Write-TestSummary.ps1
    }

    if ($code -ne 0) {
        throw "dotnet test ended with code $code."
    }
}

function Invoke-Docs {
    Invoke-Build
    Invoke-Script docs/Write-ErrorPage.ps1
    if (-not (Get-Module -ListAvailable Microsoft.PowerShell.PlatyPS)) {
        Write-Warning 'The help file is left as it is: Microsoft.PowerShell.PlatyPS is not installed (Install-PSResource Microsoft.PowerShell.PlatyPS).'
        return
    }

    Invoke-Script docs/Export-Help.ps1
    # into bin/
    Invoke-Build -Again
}

function Invoke-Bench {
    Invoke-DotNet run -c Release --project (Join-Path $PSScriptRoot 'tests/Bitswap.Benchmarks/Bitswap.Benchmarks.csproj') '--' speed
}

function Invoke-Package {
    Invoke-Build
    & (Join-Path $PSScriptRoot 'src/Package/New-Package.ps1')
}

function Invoke-Clean {
    $script:built = $false
    $folders = @(Get-ChildItem -LiteralPath (Join-Path $PSScriptRoot 'src'), (Join-Path $PSScriptRoot 'tests') -Directory |
            ForEach-Object { Join-Path $_.FullName 'bin'; Join-Path $_.FullName 'obj' })
    foreach ($folder in @(Join-Path $PSScriptRoot 'bin') + $folders) {
        if (Test-Path -LiteralPath $folder) {
            Remove-Item -LiteralPath $folder -Recurse -Force
        }
    }
}

$script:built = $false
foreach ($name in $Task) {
    & "Invoke-$name"
}
