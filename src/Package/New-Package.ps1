#Requires -Version 7.6
<#
.SYNOPSIS
    Packs what a build has laid out into a package that Install-PSResource and Publish-PSResource take.
.DESCRIPTION
    A .nupkg is a zip (OPC, ECMA-376 part 2) with a .nuspec at its top. Install-PSResource unpacks it into Modules/Bitswap/<version> and takes
    away the .nuspec, [Content_Types].xml, _rels and package; what is left is the tree of the repository, as far as a user needs it. The same
    build gives the same bytes: entries are sorted, and their time is fixed.
.EXAMPLE
    ./build.ps1 Package
#>
[CmdletBinding(SupportsShouldProcess)]
[OutputType([IO.FileInfo])]
param(
    # The folder that the package is written to.
    [string] $Destination = (Join-Path $PSScriptRoot '../../bin/Package')
)

$ErrorActionPreference = 'Stop'
$root = (Get-Item -LiteralPath (Join-Path $PSScriptRoot '../..')).FullName
$manifest = Import-PowerShellDataFile -LiteralPath (Join-Path $root 'Bitswap.psd1')
$data = $manifest.PrivateData.PSData
$version = $manifest.ModuleVersion + ($data.Prerelease ? "-$($data.Prerelease)" : '')

# What the changelog says of this version, without its heading.
function Get-ReleaseNote {
    $text = [IO.File]::ReadAllText((Join-Path $root 'docs/CHANGELOG.md')).ReplaceLineEndings("`n")
    $section = [regex]::Match($text, "(?ms)^## $([regex]::Escape($version))\b[^\n]*\n(.*?)(?=^## |\z)")
    if (-not $section.Success) {
        throw "docs/CHANGELOG.md says nothing of $version."
    }

    $section.Groups[1].Value.Trim()
}

# The gallery finds modules by these tags: what the manifest says, and the commands by name.
function Get-PackageTag {
    'PSModule'
    $data.Tags
    'PSIncludes_Cmdlet'
    $manifest.CmdletsToExport | ForEach-Object { "PSCmdlet_$_"; "PSCommand_$_" }
}

function Get-Nuspec {
    $elements = [ordered]@{
        id                       = 'Bitswap'
        version                  = $version
        authors                  = $manifest.Author
        owners                   = $manifest.CompanyName
        requireLicenseAcceptance = 'false'
        license                  = 'MIT'
        licenseUrl               = 'https://licenses.nuget.org/MIT'
        icon                     = 'icon.png'
        readme                   = 'README.md'
        description              = $manifest.Description
        releaseNotes             = Get-ReleaseNote
        copyright                = $manifest.Copyright
        language                 = 'en-US'
        tags                     = @(Get-PackageTag) -join ' '
    }
    if ($data.ProjectUri) {
        $elements.projectUrl = $data.ProjectUri
    }

    $lines = foreach ($element in $elements.GetEnumerator()) {
        $attribute = $element.Key -eq 'license' ? ' type="expression"' : ''
        "    <$($element.Key)$attribute>$([Security.SecurityElement]::Escape($element.Value))</$($element.Key)>"
    }
    @(
        '<?xml version="1.0" encoding="utf-8"?>'
        '<package xmlns="http://schemas.microsoft.com/packaging/2013/05/nuspec.xsd">'
        '  <metadata>'
        $lines
        '  </metadata>'
        '</package>'
    ) -join "`n"
}

# Every part needs a content type: by its extension, or by its name where it has none.
function Get-ContentType {
    param([string[]] $Name)

    $extensions = $Name | ForEach-Object { [IO.Path]::GetExtension($_).TrimStart('.').ToLowerInvariant() } | Where-Object Length | Sort-Object -Unique
    @(
        '<?xml version="1.0" encoding="utf-8"?>'
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '  <Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '  <Default Extension="nuspec" ContentType="application/octet"/>'
        $extensions | ForEach-Object { "  <Default Extension=`"$_`" ContentType=`"application/octet`"/>" }
        $Name | Where-Object { -not [IO.Path]::GetExtension($_) } | ForEach-Object { "  <Override PartName=`"/$_`" ContentType=`"application/octet`"/>" }
        '</Types>'
    ) -join "`n"
}

# What goes in, as name in the package = file: the module as a clone has it, and what a user reads.
$parts = [Collections.Generic.SortedDictionary[string, string]]::new([StringComparer]::Ordinal)
foreach ($file in 'Bitswap.psd1', 'LICENSE', 'README.md', $manifest.RootModule) {
    $parts[$file] = Join-Path $root $file
}

foreach ($file in 'icon.png', 'THIRD-PARTY-NOTICES.txt') {
    $parts[$file] = Join-Path $PSScriptRoot $file
}

foreach ($folder in 'bin/Bitswap', 'docs/examples') {
    foreach ($file in Get-ChildItem -LiteralPath (Join-Path $root $folder) -Recurse -File) {
        $parts[[IO.Path]::GetRelativePath($root, $file.FullName).Replace('\', '/')] = $file.FullName
    }
}

foreach ($file in Get-ChildItem -LiteralPath (Join-Path $root 'docs') -Filter *.md -File) {
    $parts["docs/$($file.Name)"] = $file.FullName
}

$absent = @($parts.Values | Where-Object { -not (Test-Path -LiteralPath $_) })
if ($absent) {
    throw "There is nothing to pack yet: $($absent -join ', '). Run ./build.ps1 Build first."
}

$relations = @(
    '<?xml version="1.0" encoding="utf-8"?>'
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '  <Relationship Type="http://schemas.microsoft.com/packaging/2010/07/manifest" Target="/Bitswap.nuspec" Id="manifest"/>'
    '</Relationships>'
) -join "`n"
$texts = [ordered]@{
    '[Content_Types].xml' = Get-ContentType -Name $parts.Keys
    '_rels/.rels'         = $relations
    'Bitswap.nuspec'      = Get-Nuspec
}

$package = Join-Path ([IO.Path]::GetFullPath($Destination, $PWD.ProviderPath)) "Bitswap.$version.nupkg"
if (-not $PSCmdlet.ShouldProcess($package, 'Write package')) {
    return
}

$null = New-Item -ItemType Directory -Force -Path (Split-Path $package)
$archive = [IO.Compression.ZipArchive]::new([IO.File]::Create($package), [IO.Compression.ZipArchiveMode]::Create)
try {
    foreach ($name in @($texts.Keys) + @($parts.Keys)) {
        $entry = $archive.CreateEntry($name, [IO.Compression.CompressionLevel]::SmallestSize)
        $entry.LastWriteTime = [DateTimeOffset]::new(2020, 1, 1, 0, 0, 0, [TimeSpan]::Zero)

        # rw-r--r--: a file that only its builder may read is of no use to who installs for all users
        $entry.ExternalAttributes = 0x81A4 -shl 16
        $bytes = $texts.Contains($name) ? [Text.Encoding]::UTF8.GetBytes($texts[$name]) : [IO.File]::ReadAllBytes($parts[$name])
        $stream = $entry.Open()
        try {
            $stream.Write($bytes, 0, $bytes.Length)
        }
        finally {
            $stream.Dispose()
        }
    }
}
finally {
    $archive.Dispose()
}

Get-Item -LiteralPath $package
