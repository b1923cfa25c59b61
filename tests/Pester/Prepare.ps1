#Requires -Version 7.6
<#
.SYNOPSIS
    Makes what the Pester suite runs against: the package of a Release build, installed into a bare folder of modules, and Pester.
.OUTPUTS
    An object with Package, PackageHash, Module (the installed folder) and Pester (its manifest); it is also written to bin/TestResults/pester/prepared.json.
#>
[CmdletBinding()]
[OutputType([pscustomobject])]
param(
    # A package that was made before, such as by another job; without one, a package is made.
    [string] $Package = $env:BITSWAP_PACKAGE
)

$ErrorActionPreference = 'Stop'
$root = (Get-Item -LiteralPath (Join-Path $PSScriptRoot '../..')).FullName
$results = (New-Item -ItemType Directory -Force -Path (Join-Path $root 'bin/TestResults/pester')).FullName
Get-ChildItem -LiteralPath $results -File | Remove-Item

function Invoke-DotNet {
    $output = & dotnet @args
    if ($LASTEXITCODE -ne 0) {
        throw "dotnet $($args -join ' ') ended with code $LASTEXITCODE. $($output -join "`n")"
    }

    $output
}

# what ships is built as Release, whatever configuration the tests of .NET run in
if (-not $Package) {
    $null = Invoke-DotNet build (Join-Path $root 'src/Bitswap/Bitswap.csproj') -c Release -v quiet -nologo '-clp:NoSummary'
    $Package = (& (Join-Path $root 'src/Package/New-Package.ps1')).FullName
}

$tests = Join-Path $root 'tests/Bitswap.Tests/Bitswap.Tests.csproj'
$pester = Invoke-DotNet msbuild $tests -nologo '-getProperty:PesterManifest'
if (-not (Test-Path -LiteralPath $pester)) {
    $null = Invoke-DotNet restore $tests -v quiet
    $pester = Invoke-DotNet msbuild $tests -nologo '-getProperty:PesterManifest'
}

$prepared = [pscustomobject]@{
    Package     = $Package
    PackageHash = (Get-FileHash -LiteralPath $Package).Hash
    Module      = & (Join-Path $PSScriptRoot 'Install-TestPackage.ps1') -Package $Package -Destination (Join-Path $root 'bin/TestModules')
    Pester      = "$pester"
}
ConvertTo-Json $prepared | Set-Content -LiteralPath (Join-Path $results 'prepared.json')
$prepared
