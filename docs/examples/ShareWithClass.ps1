<#
.SYNOPSIS
    Shares a file or folder with many people in one local network: they find each other and take most of it from each other. Returns a link.
.DESCRIPTION
    Each of the others saves it by the link, with a node that finds the others as well:

        $node = Start-BitswapNode -Discover Lan -ListenAddress /ip4/0.0.0.0/tcp/0
        Save-BitswapFile $link ./lesson -Node $node
.EXAMPLE
    ./ShareWithClass.ps1 ./lesson
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory)]
    [string] $Path,

    [string] $ListenAddress = '/ip4/0.0.0.0/tcp/0',

    # Other parameters of the node, such as an option.
    [hashtable] $NodeParameter = @{}
)

$ErrorActionPreference = 'Stop'
Import-Module (Join-Path $PSScriptRoot '../../Bitswap.psd1')

#region README
$node = Start-BitswapNode -Discover Lan -ListenAddress $ListenAddress @NodeParameter
$shared = Add-BitswapFile -LiteralPath $Path -Recurse -Node $node
Get-BitswapLink $shared.Cid -Node $node
#endregion
