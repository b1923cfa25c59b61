<#
.SYNOPSIS
    A small Pester suite with a network in memory. Testing.Tests.ps1 is a longer one, with faults.
#>

BeforeAll { Import-Module (Join-Path $PSScriptRoot '../../Bitswap.psd1') }

#region README
Describe 'A script that moves data' {
    BeforeAll {
        $network = New-BitswapTestNetwork -Seed 42 -LatencyMilliseconds 5
        $office = Start-BitswapNode -Network $network -Name office
        $cottage = Start-BitswapNode -Network $network -Name cottage
    }

    AfterAll { $network.Dispose() }

    It 'moves it' {
        $null = Connect-BitswapPeer $office -Node $cottage
        'colour=blue' | Add-BitswapBlock -Node $office | Get-BitswapBlock -Node $cottage -AsString | Should -Be 'colour=blue'
    }
}
#endregion
