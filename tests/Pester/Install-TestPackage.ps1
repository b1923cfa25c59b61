<#
.SYNOPSIS
    Unpacks the module's package the way Install-PSResource does, and gives the folder of the module.
#>
[CmdletBinding()]
[OutputType([string])]
param(
    [Parameter(Mandatory)]
    [string] $Package,

    # A folder of modules; the module goes into Bitswap/<version> below it, in place of what is there.
    [Parameter(Mandatory)]
    [string] $Destination
)

$ErrorActionPreference = 'Stop'
$version = [IO.Path]::GetFileNameWithoutExtension($Package) -replace '^Bitswap\.'
$installed = Join-Path $Destination 'Bitswap' $version
if (Test-Path -LiteralPath $installed) {
    Remove-Item -LiteralPath $installed -Recurse -Force
}

[IO.Compression.ZipFile]::ExtractToDirectory($Package, $installed)
# Install-PSResource takes these away
foreach ($name in 'Bitswap.nuspec', '[Content_Types].xml', '_rels', 'package') {
    if (Test-Path -LiteralPath (Join-Path $installed $name)) {
        Remove-Item -LiteralPath (Join-Path $installed $name) -Recurse -Force
    }
}

(Get-Item -LiteralPath $installed).FullName
