#Requires -Version 7.6
<#
.SYNOPSIS
    Makes what the Pester suite runs against: the package of a Release build, installed into a bare folder of modules, Pester, and PowerShell, compiled ahead of time.
.OUTPUTS
    An object with Package, PackageHash, Module (the installed folder), Pester (its manifest) and PowerShell (the program and its first arguments); it is also
    written to bin/TestResults/pester/prepared.json.
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

# Whether an assembly holds machine code.
function Test-Compiled([string] $Path) {
    $stream = [IO.File]::OpenRead($Path)
    try { [Reflection.PortableExecutable.PEReader]::new($stream).PEHeaders.CorHeader.ManagedNativeHeaderDirectory.Size -gt 0 } finally { $stream.Dispose() }
}

# The folder of a PowerShell that is this one, compiled ahead of time: as a .NET tool it comes without machine code, and each process of it spends more on compiling the engine
# than on its tests. It is made once for each version; where the compiler cannot be had, the tests run in PowerShell as it came, and take longer.
function Get-CompiledHome {
    $folder = Join-Path $root 'bin/TestPowerShell' "$($PSVersionTable.PSVersion)"
    if (-not (Test-Path -LiteralPath $folder)) {
        $made = "$folder-$([guid]::NewGuid().ToString('N'))"
        $output = & dotnet publish (Join-Path $PSScriptRoot 'Host/Host.csproj') -c Release -v quiet -nologo "-p:PowerShellHome=$PSHOME" -o $made
        if ($LASTEXITCODE -ne 0) {
            Write-Warning "The tests run in a PowerShell that is not compiled ahead of time, and take longer: dotnet publish ended with code $LASTEXITCODE. $($output -join "`n")"
            return
        }

        Move-Item -LiteralPath $made -Destination $folder
    }

    $folder
}

$pwsh = & (Join-Path $root 'docs/examples/Get-PowerShellHost.ps1')
if ($pwsh.ArgumentList -and -not (Test-Compiled (Join-Path $PSHOME 'System.Management.Automation.dll')) -and ($compiled = Get-CompiledHome)) {
    $pwsh = & (Join-Path $root 'docs/examples/Get-PowerShellHost.ps1') -PowerShellHome $compiled
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
    PowerShell  = @($pwsh.FilePath) + $pwsh.ArgumentList
}
ConvertTo-Json $prepared | Set-Content -LiteralPath (Join-Path $results 'prepared.json')
$prepared
