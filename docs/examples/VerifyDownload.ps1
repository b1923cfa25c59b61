<#
.SYNOPSIS
    Tests whether a downloaded file or folder has a given CID. It needs no node and no network.
.DESCRIPTION
    Use the profile with which the CID was made: 'ipfs add' uses unixfs-v0-2015, and this module uses unixfs-v1-2025 by default.
.EXAMPLE
    if (-not (./VerifyDownload.ps1 ./image.iso bafybei...)) { Remove-Item ./image.iso }
#>
[CmdletBinding()]
[OutputType([bool])]
param(
    [Parameter(Mandatory)]
    [string] $Path,

    [Parameter(Mandatory)]
    [string] $Cid,

    [string] $UnixFsProfile = 'unixfs-v1-2025'
)

$ErrorActionPreference = 'Stop'
Import-Module (Join-Path $PSScriptRoot '../../Bitswap.psd1')

$found = Get-BitswapCid -LiteralPath $Path -Profile $UnixFsProfile
"$($found.Cid)" -eq "$((Get-BitswapCid -Cid $Cid).Cid)"
