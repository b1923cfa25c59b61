#Requires -Version 7.6
<#
.SYNOPSIS
    Publishes a package to the PowerShell Gallery, with the key in the environment variable GALLERY_KEY.
.DESCRIPTION
    Does nothing, and says so, where there is no key. Refuses a package whose version is not the one of the tag.
.EXAMPLE
    ./Publish-Package.ps1 -Package ../../bin/Package/Bitswap.0.1.0.nupkg -Tag v0.1.0 -WhatIf
#>
[CmdletBinding(SupportsShouldProcess)]
param(
    [Parameter(Mandatory)]
    [string] $Package,

    # The tag that asks for it, such as v0.1.0.
    [Parameter(Mandatory)]
    [string] $Tag,

    [string] $Repository = 'PSGallery'
)

$ErrorActionPreference = 'Stop'
$name = Split-Path -Leaf $Package
if ($name -ne "Bitswap.$($Tag -replace '^v').nupkg") {
    throw "The tag $Tag does not name the version of $name. Set ModuleVersion in Bitswap.psd1 and Version in Directory.Build.props to that of the tag."
}

if (-not $env:GALLERY_KEY) {
    "$name is not published: there is no key (the secret GALLERY_KEY of the repository)."
    return
}

if ($PSCmdlet.ShouldProcess($Repository, "Publish $name")) {
    Publish-PSResource -NupkgPath (Convert-Path -LiteralPath $Package) -Repository $Repository -ApiKey $env:GALLERY_KEY
}
